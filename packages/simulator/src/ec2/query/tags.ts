import { type Action, DONE, describeInput, nextToken } from './action.ts';
import { element, list } from './xml.ts';

/** DescribeTags. */
export const describeTags: Action = (api, form) => {
  const page = api.describeTags(describeInput(form, 'ResourceId'));
  const items = list(
    'tagSet',
    page.items,
    ({ resourceId, resourceType, key, value }) =>
      element('resourceId', resourceId) +
      element('resourceType', resourceType) +
      element('key', key) +
      element('value', value),
  );
  return items + nextToken(page);
};

/** CreateTags. */
export const createTags: Action = (api, form) => {
  api.createTags({
    resourceIds: form.list('ResourceId'),
    tags: form.tags('Tag'),
    dryRun: form.flag('DryRun') ?? false,
  });
  return DONE;
};

/** DeleteTags: a tag that is sent with a value is only deleted when it has that value. */
export const deleteTags: Action = (api, form) => {
  api.deleteTags({
    resourceIds: form.list('ResourceId'),
    tags: form.tagRemovals('Tag'),
    dryRun: form.flag('DryRun') ?? false,
  });
  return DONE;
};
