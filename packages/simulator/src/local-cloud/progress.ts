import pc from 'picocolors';
import type { LocalCloud } from './cloud.ts';

/** Where lines go, and what it can do. */
export interface Screen {
  write(text: string): void;
  /** True when it can redraw lines. */
  readonly live: boolean;
  readonly color: boolean;
  columns(): number;
}

const REDRAW_EVERY_MS = 100;
const colorsOf = (screen: Screen) => pc.createColors(screen.color);

/**
 * Lets a person follow the run: one line per thing that happened, and on a terminal a block under them with every
 * run's progress, redrawn a few times a second.
 */
export class Progress {
  readonly #screen: Screen;
  readonly #cloud: LocalCloud;
  readonly #done = new Set<string>();
  #drawn = 0;
  #drawnAt = 0;
  #notes = 0;
  #messages = 0;
  #runs = 0;
  #deleted = 0;
  #alarms = 0;
  #letters = new Map<string, number>();

  constructor(screen: Screen, cloud: LocalCloud) {
    this.#screen = screen;
    this.#cloud = cloud;
  }

  /** Called whenever the clock has moved. */
  step(): void {
    const lines = this.#news();
    const now = performance.now();
    const redraw = this.#screen.live && now - this.#drawnAt >= REDRAW_EVERY_MS;
    if (lines.length === 0 && !redraw) return;
    this.#erase();
    for (const line of lines) this.#screen.write(`${line}\n`);
    if (!this.#screen.live) return;
    this.#draw();
    this.#drawnAt = now;
  }

  /** Prints a line of a function's log, above the block. */
  line(text: string): void {
    this.#erase();
    this.#screen.write(`${text}\n`);
  }

  /** Takes the block away. */
  end(): void {
    for (const line of this.#news()) this.line(line);
    this.#erase();
  }

  #news(): string[] {
    return [
      ...this.#newRuns(),
      ...this.#newNotes(),
      ...this.#milestones(),
      ...this.#newMessages(),
      ...this.#newDeletions(),
      ...this.#newAlarms(),
      ...this.#newLetters(),
    ];
  }

  #say(at: number, text: string): string {
    return `${colorsOf(this.#screen).dim(minute(at))}  ${text}`;
  }

  #newRuns(): string[] {
    const fresh = this.#cloud.history.runs.slice(this.#runs);
    this.#runs += fresh.length;
    return fresh.map((run) => {
      const instances = new Set(run.volumes.values()).size;
      return this.#say(
        run.at,
        `run ${minute(Date.parse(run.slot))} starts: ${run.volumes.size} volumes of ${instances} instances; ${leftOutText(run.leftOut)}`,
      );
    });
  }

  #newNotes(): string[] {
    const fresh = this.#cloud.history.notes.slice(this.#notes);
    this.#notes += fresh.length;
    return fresh.map(({ at, text }) => this.#say(at, text));
  }

  /** A line when all snapshots of a run have ended, and one when all copies have. */
  #milestones(): string[] {
    const { history, settings, clock } = this.#cloud;
    const lines: string[] = [];
    for (const run of history.runs) {
      const progress = history.progressOf(run.slot);
      const wanted = run.volumes.size;
      const copiesWanted = wanted * settings.destinations.length;
      const tell = (what: string, good: number, of: number): void => {
        const key = `${run.slot} ${what}`;
        if (good < of || of === 0 || this.#done.has(key)) return;
        this.#done.add(key);
        lines.push(this.#say(clock.now(), `run ${minute(Date.parse(run.slot))}: all ${of} ${what} are good`));
      };
      tell('snapshots', progress.snapshots, wanted);
      tell(`copies in ${settings.destinations.join(', ')}`, progress.copies, copiesWanted);
    }
    return lines;
  }

  #newMessages(): string[] {
    const { messages } = this.#cloud.history;
    const fresh = messages.slice(this.#messages).filter((message) => !message.ofAlarm);
    this.#messages = messages.length;
    const colors = colorsOf(this.#screen);
    return fresh.map(({ at, subject }) =>
      this.#say(at, `told: ${/\bOK\b/.test(subject) ? colors.green(subject) : colors.yellow(subject)}`),
    );
  }

  #newDeletions(): string[] {
    const { deleted } = this.#cloud.history;
    // The pruner's lines are told together, when it is done.
    if (this.#cloud.functions.running > 0) return [];
    const fresh = deleted.slice(this.#deleted);
    this.#deleted = deleted.length;
    const counts = new Map<string, number>();
    for (const { region, slot } of fresh) {
      const key = `${slot.slice(0, 10)} in ${region}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts].map(([key, count]) =>
      this.#say(fresh[0]?.deletedAt ?? 0, `pruned: ${count} of ${key}`),
    );
  }

  #newAlarms(): string[] {
    const { alarmChanges } = this.#cloud.history;
    const fresh = alarmChanges.slice(this.#alarms);
    this.#alarms = alarmChanges.length;
    const colors = colorsOf(this.#screen);
    return fresh
      .filter(({ from, to }) => to === 'ALARM' || from === 'ALARM')
      .filter(({ alarm, to }) => {
        // A flapping alarm is told once here; the summary has the count.
        const key = `${alarm.name} ${to}`;
        const first = !this.#done.has(key);
        this.#done.add(key);
        return first;
      })
      .map(({ alarm, to, atMs }) =>
        this.#say(atMs, to === 'ALARM' ? colors.red(`alarm ${alarm.name}`) : `alarm ${alarm.name} is over`),
      );
  }

  #newLetters(): string[] {
    const { clock, queues } = this.#cloud;
    const lines: string[] = [];
    for (const name of this.#cloud.deadLetterQueues()) {
      const { visible } = queues.counts(name);
      const before = this.#letters.get(name) ?? 0;
      if (visible === before) continue;
      this.#letters.set(name, visible);
      lines.push(this.#say(clock.now(), `dead letters in ${name}: ${visible}`));
    }
    return lines;
  }

  #draw(): void {
    const lines = this.#block();
    const width = this.#screen.columns();
    for (const line of lines) this.#screen.write(`${line.slice(0, width - 1)}\n`);
    this.#drawn = lines.length;
  }

  #block(): string[] {
    const { clock, history, settings, world, queues } = this.#cloud;
    const { pending, copies } = this.#cloud.inFlight();
    const letters = [...this.#letters.values()].reduce((sum, count) => sum + count, 0);
    const work = queues
      .names()
      .filter((name) => !this.#letters.has(name) && /-(volumes\.fifo|copies-[a-z0-9-]+)$/.test(name));
    const backlog = work.reduce((sum, name) => sum + queues.counts(name).visible, 0);
    const state =
      `${minute(clock.now())}  pending snapshots ${pending}/${world.knobs.pendingSnapshotsMax}  ` +
      `copies in flight ${copies}/${world.knobs.copiesInFlightMax}  waiting ${backlog}  dead letters ${letters}`;
    const rows = history.runs.slice(-5).map((run) => {
      const progress = history.progressOf(run.slot);
      const all = run.volumes.size;
      const failed = progress.snapshotsFailed + progress.copiesFailed;
      return (
        `run ${minute(Date.parse(run.slot))}  snapshots ${bar(progress.snapshots, all)}  ` +
        `copies ${bar(progress.copies, all * settings.destinations.length)}${failed > 0 ? `  failed ${failed}` : ''}`
      );
    });
    return ['', ...rows, state];
  }

  #erase(): void {
    if (this.#drawn === 0) return;
    this.#screen.write(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }
}

const BAR = 20;
function bar(done: number, all: number): string {
  const filled = all === 0 ? 0 : Math.min(BAR, Math.floor((done / all) * BAR));
  return `${'#'.repeat(filled)}${'.'.repeat(BAR - filled)} ${String(done).padStart(String(all).length)}/${all}`;
}

/** `2026-11-02 03:00`. */
export const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** How many volumes are left out, by reason: so that the numbers of a run add up for whoever knows the fleet. */
function leftOutText(leftOut: ReadonlyMap<string, string>): string {
  if (leftOut.size === 0) return 'none is left out';
  const reasons = Map.groupBy(leftOut.values(), (reason) => reason);
  const parts = [...reasons].map(([reason, volumes]) => `${volumes.length}: ${reason}`);
  return `${leftOut.size} left out (${parts.sort().join('; ')})`;
}
