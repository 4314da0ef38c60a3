import { dryRunSucceeded, Ec2Error, invalidValue, missing } from './errors.ts';
import { checkId, type IdKind, IMAGE_ID, INSTANCE_ID, notFound, SNAPSHOT_ID, VOLUME_ID } from './ids.ts';
import type { RegionState } from './region.ts';
import type { Store, Stored } from './store.ts';
import { checkTags, mergeTags, type TagList, type TagRemoval, withoutTags } from './tags.ts';
import type { TagMap } from './types.ts';

/** Input of CreateTags. */
export interface CreateTagsInput {
  readonly resourceIds?: readonly string[];
  readonly tags?: TagList;
  readonly dryRun?: boolean;
}

/** Input of DeleteTags: without tags, all of the resources' own are removed. */
export interface DeleteTagsInput {
  readonly resourceIds?: readonly string[];
  readonly tags?: readonly TagRemoval[];
  readonly dryRun?: boolean;
}

const RESOURCES_MAX = 1000;

/** CreateTags: on all of the resources or on none. @throws Ec2Error */
export function createTags(region: RegionState, input: CreateTagsInput): void {
  region.call('CreateTags', input.resourceIds?.[0] ?? '', () => {
    if (input.tags === undefined || input.tags.length === 0) throw missing('tagSet');
    const tags = checkTags(input.tags);
    retag(region, input, (before) => mergeTags(before, tags));
  });
}

/** DeleteTags: a tag that is not there is no error. @throws Ec2Error */
export function deleteTags(region: RegionState, input: DeleteTagsInput): void {
  region.call('DeleteTags', input.resourceIds?.[0] ?? '', () => {
    retag(region, input, (before) => withoutTags(before, input.tags ?? []));
  });
}

function retag(
  region: RegionState,
  input: CreateTagsInput | DeleteTagsInput,
  change: (tags: TagMap) => TagMap,
): void {
  const ids = input.resourceIds ?? [];
  if (ids.length === 0) throw missing('resourceIdSet');
  if (ids.length > RESOURCES_MAX) throw invalidValue(`The maximum number of resources is ${RESOURCES_MAX}`);
  const resources = ids.map((id) => findResource(region, id));
  const retagged = resources.map((resource) => change(resource.tags));
  if (input.dryRun) throw dryRunSucceeded();
  resources.forEach((resource, at) => {
    resource.apply(retagged[at] as TagMap);
  });
}

interface Resource {
  readonly tags: TagMap;
  apply(tags: TagMap): void;
}

/** The resource that has this id. @throws Ec2Error when there is none, or the id is of no kind that we know */
export function findResource(region: RegionState, id: string): Resource {
  if (id.startsWith('snap-')) return resourceIn(region.snapshots, id, SNAPSHOT_ID);
  if (id.startsWith('vol-')) return resourceIn(region.volumes, id, VOLUME_ID);
  if (id.startsWith('i-')) return resourceIn(region.instances, id, INSTANCE_ID);
  if (id.startsWith('ami-')) return resourceIn(region.images, id, IMAGE_ID);
  throw new Ec2Error('InvalidID', `The ID '${id}' is not valid`);
}

function resourceIn<T extends Stored>(store: Store<T>, id: string, kind: IdKind): Resource {
  const value = store.get(checkId(id, kind));
  if (value === undefined) throw notFound([id], kind);
  return { tags: value.tags, apply: (tags) => void store.retag({ ...value, tags }) };
}
