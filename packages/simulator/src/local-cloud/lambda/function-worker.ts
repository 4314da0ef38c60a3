import diagnosticsChannel from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { install } from '@sinonjs/fake-timers';
import type {
  InvocationContext,
  InvocationError,
  WorkerAnswer,
  WorkerCommand,
  WorkerStart,
} from './worker-protocol.ts';

/**
 * The start file of a function's worker thread: replaces `Date` and the timers before the bundle loads, so that
 * the function lives on the virtual clock, and tells the main thread when it has nothing to do but wait.
 */

const port = parentPort;
if (port === null) throw new Error('function-worker.ts runs in a worker thread only');
const start = workerData as WorkerStart;

const realSetImmediate = setImmediate;
const clock = install({
  now: start.now,
  toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  shouldClearNativeTimers: true,
});

/** Requests that are under way: they keep the clock from moving. */
let requestsOpen = 0;
let epoch = 0;
let invoking = false;
let checking = false;
let checkAgain = false;
let lines: string[] = [];
let partialLine = '';

diagnosticsChannel.subscribe('http.client.request.created', (message) => {
  const { request } = message as { request: import('node:http').ClientRequest };
  requestsOpen += 1;
  request.once('close', () => {
    requestsOpen -= 1;
    checkQuiet();
  });
});

/** Full lines of stdout are log lines and metrics; both go to the main thread with the next answer. */
const capture = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
  const text = partialLine + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
  const parts = text.split('\n');
  partialLine = parts.pop() ?? '';
  lines.push(...parts);
  const done = typeof encoding === 'function' ? encoding : callback;
  if (typeof done === 'function') queueMicrotask(done as () => void);
  return true;
}) as typeof process.stdout.write;
process.stdout.write = capture;
process.stderr.write = capture;

function takeLines(): string[] {
  const taken = lines;
  lines = [];
  return taken;
}

/** Resources that may be there for as long as the thread lives. All others are work that Node does for us elsewhere. */
const lasting = new Set([
  'Immediate',
  'MessagePort',
  'PipeWrap',
  'TCPServerWrap',
  'TCPSocketWrap',
  'TLSWrap',
  'Timeout',
  'TTYWrap',
]);
/** Turns of the event loop without anything happening after which nothing more can happen by itself. */
const QUIET_TURNS = 3;
/** Real milliseconds after which something that is still there is taken for lasting: it must not stop the clock. */
const LASTING_AFTER_MS = 2_000;

const worksElsewhere = (): boolean => process.getActiveResourcesInfo().some((name) => !lasting.has(name));

/** Looks, after a few turns of the event loop, whether the invocation waits for nothing but its timers. */
function checkQuiet(): void {
  if (!invoking) return;
  checkAgain = true;
  if (checking) return;
  checking = true;
  let begunAt = performance.now();
  const turn = (left: number): void => {
    if (performance.now() - begunAt > LASTING_AFTER_MS) {
      for (const name of process.getActiveResourcesInfo()) lasting.add(name);
    }
    if (!invoking || requestsOpen > 0) {
      checking = false;
    } else if (checkAgain || worksElsewhere()) {
      if (checkAgain) begunAt = performance.now();
      checkAgain = false;
      realSetImmediate(turn, QUIET_TURNS);
    } else if (left > 0) {
      realSetImmediate(turn, left - 1);
    } else {
      checking = false;
      answerQuiet();
    }
  };
  realSetImmediate(turn, QUIET_TURNS);
}

function answerQuiet(): void {
  const nextDue = nextTimerDue();
  answer({ kind: 'quiet', epoch, ...(nextDue === undefined ? {} : { nextDue }), lines: takeLines() });
}

/** fake-timers keeps its timers in a public but undocumented map; a test of ours holds it to that. */
function nextTimerDue(): number | undefined {
  const timers = (clock as unknown as { timers?: Map<unknown, { callAt: number }> }).timers;
  let next: number | undefined;
  for (const timer of timers?.values() ?? []) {
    if (next === undefined || timer.callAt < next) next = timer.callAt;
  }
  return next;
}

const answer = (message: WorkerAnswer): void => port.postMessage(message);

type Handler = (
  event: unknown,
  context: object,
  callback: (error: unknown, result?: unknown) => void,
) => unknown;
let handler: Handler | undefined;

function loadHandler(): Handler {
  const exported = createRequire(start.bundle)(start.bundle) as Record<string, unknown>;
  const found = exported[start.handler];
  if (typeof found !== 'function')
    throw new Error(`${start.bundle} does not export a function "${start.handler}"`);
  return found as Handler;
}

function contextOf(context: InvocationContext): object {
  return {
    awsRequestId: context.requestId,
    functionName: context.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: context.functionArn,
    memoryLimitInMB: String(context.memoryLimitMb),
    logGroupName: `/aws/lambda/${context.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, context.deadlineMs - Date.now()),
  };
}

async function invoke(event: unknown, context: InvocationContext): Promise<unknown> {
  handler ??= loadHandler();
  const run = handler;
  return await new Promise((resolve, reject) => {
    const returned = run(event, contextOf(context), (error, result) =>
      error ? reject(error) : resolve(result),
    );
    if (returned instanceof Promise) returned.then(resolve, reject);
    else if (run.length < 3) resolve(returned);
  });
}

function errorOf(thrown: unknown): InvocationError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) };
  return {
    name: thrown.name,
    message: thrown.message,
    ...(thrown.stack === undefined ? {} : { stack: thrown.stack }),
  };
}

/** Through JSON, as Lambda does: what cannot be told in JSON is an error of the function. */
const wire = (value: unknown): unknown =>
  value === undefined ? null : JSON.parse(JSON.stringify(value) ?? 'null');

function finish(doneEpoch: number, result: unknown, error?: InvocationError): void {
  // A later invocation never begins before this one's answer has been read, so the epoch is still its own.
  if (!invoking || doneEpoch > epoch) return;
  invoking = false;
  answer({ kind: 'done', epoch, result, ...(error === undefined ? {} : { error }), lines: takeLines() });
}

port.on('message', (command: WorkerCommand) => {
  epoch = command.epoch;
  if (command.kind === 'tick') {
    clock.tick(Math.max(0, command.now - clock.now));
    checkQuiet();
    return;
  }
  // A frozen environment does not see time pass: its timers keep what was left of them.
  clock.setSystemTime(command.now);
  invoking = true;
  const begun = epoch;
  invoke(command.event, command.context)
    .then(wire)
    .then(
      (result) => finish(begun, result),
      (thrown) => finish(begun, null, errorOf(thrown)),
    );
  checkQuiet();
});
