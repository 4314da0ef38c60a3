/** A callback that waits for its time. */
interface Timer {
  readonly due: number;
  readonly seq: number;
  readonly label: string;
  readonly run: () => void;
  cancelled: boolean;
}

/** What is due, in words: for traces and for "what are we waiting for". */
export interface DueTimer {
  /** Milliseconds since 1970. */
  readonly due: number;
  readonly label: string;
}

/**
 * Time that moves only when told to. Callbacks run in the order of (due time, order of registration), and while
 * one runs `now()` is exactly its due time, so that a run is a pure function of its inputs.
 */
export class VirtualClock {
  #now: number;
  #seq = 0;
  #cancelled = 0;
  #advancing = false;
  readonly #heap: Timer[] = [];

  /** @param startMs milliseconds since 1970 */
  constructor(startMs: number) {
    this.#now = startMs;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#now;
  }

  /**
   * Runs `fn` when the time has come; a due time in the past means as soon as the clock is advanced again.
   * @returns a function that takes it back; calling it late or twice does nothing
   */
  at(dueMs: number, label: string, fn: () => void): () => void {
    const timer = { due: Math.max(dueMs, this.#now), seq: this.#seq++, label, run: fn, cancelled: false };
    push(this.#heap, timer);
    return () => this.#cancel(timer);
  }

  /** Runs `fn` this many milliseconds from now; see `at`. */
  after(ms: number, label: string, fn: () => void): () => void {
    return this.at(this.#now + ms, label, fn);
  }

  /** Resolves when this many virtual milliseconds have passed. Someone else must advance the clock. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, 'sleep', resolve);
    });
  }

  /** When the next callback is due, or `undefined` when nothing waits. */
  nextDue(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.due;
  }

  /** The next callback with its label, or `undefined`. */
  nextTimer(): DueTimer | undefined {
    this.#dropCancelled();
    const next = this.#heap[0];
    return next && { due: next.due, label: next.label };
  }

  /** How many callbacks wait. */
  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  /**
   * Runs everything that is due until `ms` (included), also what those callbacks add, and then stands at `ms`.
   * A time in the past runs only what is due now. What a callback throws leaves the clock at that callback's time.
   * @throws when called from within a callback
   */
  advanceTo(ms: number): void {
    if (this.#advancing) throw new Error('VirtualClock: advanceTo() from within a callback');
    this.#advancing = true;
    try {
      for (
        let due = this.nextDue();
        due !== undefined && due <= Math.max(ms, this.#now);
        due = this.nextDue()
      ) {
        const timer = pop(this.#heap);
        timer.cancelled = true;
        this.#now = due;
        timer.run();
      }
      this.#now = Math.max(this.#now, ms);
    } finally {
      this.#advancing = false;
    }
  }

  /**
   * Runs the one callback that is due next, and stands at its time. For a driver that lets everything settle between
   * two callbacks, also between two that are due at the same instant.
   * @returns its label, or `undefined` when nothing waits
   */
  step(): string | undefined {
    this.#dropCancelled();
    if (this.#heap[0] === undefined) return undefined;
    const timer = pop(this.#heap);
    timer.cancelled = true;
    this.#now = timer.due;
    timer.run();
    return timer.label;
  }

  #cancel(timer: Timer): void {
    if (timer.cancelled) return;
    timer.cancelled = true;
    this.#cancelled += 1;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled) {
      pop(this.#heap);
      this.#cancelled -= 1;
    }
  }
}

const before = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.seq < b.seq);

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length;
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt] as Timer;
    if (!before(timer, parent)) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = timer;
}

/** Takes the first one off a heap that is not empty. */
function pop(heap: Timer[]): Timer {
  const top = heap[0] as Timer;
  const last = heap.pop() as Timer;
  if (heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let childAt = 2 * at + 1;
    if (childAt >= heap.length) break;
    if (childAt + 1 < heap.length && before(heap[childAt + 1] as Timer, heap[childAt] as Timer)) childAt += 1;
    const child = heap[childAt] as Timer;
    if (!before(child, last)) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = last;
  return top;
}
