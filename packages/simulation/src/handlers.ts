import { createCopierHandler } from '@smart-vault/copier';
import type { Cloud } from '@smart-vault/core';
import type { Edges, Environment } from '@smart-vault/lambda-kit';
import { createPrunerHandler } from '@smart-vault/pruner';
import { createReconcilerHandler } from '@smart-vault/reconciler';
import { createReporterHandler } from '@smart-vault/reporter';
import { createSchedulerHandler } from '@smart-vault/scheduler';
import { createSnapshotterHandler } from '@smart-vault/snapshotter';
import type { AnyHandler } from './lambda.ts';

/** What every function package exports: the handler of a fresh execution environment. */
type CreateHandler = (variables: Environment, cloud: Cloud, edges: Edges) => AnyHandler;

/** The functions by the last part of their names; `handler.ts` of each calls the same with AWS's ports. */
export const HANDLERS: Readonly<Record<string, CreateHandler>> = {
  scheduler: createSchedulerHandler,
  snapshotter: createSnapshotterHandler,
  copier: createCopierHandler,
  reconciler: createReconcilerHandler,
  pruner: createPrunerHandler,
  reporter: createReporterHandler,
};
