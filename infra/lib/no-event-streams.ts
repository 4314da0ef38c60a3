/**
 * Stands in for `@smithy/core/event-streams` in the bundles of the functions (see `bundle.ts`).
 *
 * None of the calls that the functions make answers with an event stream, yet the SDK's HTTP protocol refers to
 * the code for them: some 15 KB of a bundle. Should a call come to need it, it fails here and says so.
 */
export class EventStreamSerde {
  constructor() {
    throw missing();
  }
}

/** Called first, with the SDK's context. */
export const eventStreamSerdeProvider = (): never => {
  throw missing();
};

const missing = (): Error =>
  new Error(
    'this bundle holds no event streams: remove the alias of @smithy/core/event-streams in bundle.ts',
  );
