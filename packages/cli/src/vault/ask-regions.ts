import { errorText, isAppError, type Region } from '@smart-vault/core';

/** What a region answered, or why it did not. */
export type RegionAnswer<T> =
  | { readonly region: Region; readonly value: T }
  | { readonly region: Region; readonly problem: string; readonly error: unknown };

export const isAnswered = <T>(
  answer: RegionAnswer<T>,
): answer is Extract<RegionAnswer<T>, { readonly value: T }> => 'value' in answer;

/**
 * Asks every region at the same time. One that does not answer costs nothing but its own part: each failure is in
 * its answer, to be told. Answers are in the order of the regions.
 */
export async function askRegions<T>(
  regions: readonly Region[],
  ask: (region: Region) => Promise<T>,
): Promise<readonly RegionAnswer<T>[]> {
  return Promise.all(
    regions.map(async (region): Promise<RegionAnswer<T>> => {
      try {
        return { region, value: await ask(region) };
      } catch (error) {
        if (!isAppError(error)) throw error;
        return { region, problem: `${error.code}: ${errorText(error)}`, error };
      }
    }),
  );
}
