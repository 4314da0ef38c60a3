/** Names of UTC itself: its wall shows the instant, and `Intl`, which is slow, need not be asked. */
const UTC_NAMES: ReadonlySet<string> = new Set(['UTC', 'Etc/UTC']);

/** Makes the two-way map between instants and a zone's wall clock. @throws RangeError for an unknown time zone */
export class WallClock {
  readonly #format: Intl.DateTimeFormat | undefined;

  /** @param timeZone an IANA name, such as `Europe/Berlin` */
  constructor(timeZone: string) {
    if (UTC_NAMES.has(timeZone)) return;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** What the clock on the wall shows at an instant, as the milliseconds at which UTC shows the same. */
  wallAt(instantMs: number): number {
    if (this.#format === undefined) return Math.floor(instantMs / 1_000) * 1_000;
    const parts = new Map(
      this.#format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
    return Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
  }

  /** The first instant at which the wall shows this, or `undefined` when the clock is put forward over it. */
  instantOf(wallMs: number): number | undefined {
    const offsets = [wallMs - 86_400_000, wallMs, wallMs + 86_400_000].map((at) => this.wallAt(at) - at);
    const candidates = [...new Set(offsets)].map((offset) => wallMs - offset).sort((a, b) => a - b);
    return candidates.find((instant) => this.wallAt(instant) === wallMs);
  }
}
