import { unitOfParts } from '@smart-vault/simulator';
import type { DrawnFault, FaultKind } from './fault-catalogue.ts';

/** A fault that struck: `kind:label`, the same in every run of the seed, whatever else is left out. */
export type FaultId = string;

export interface ChaosOptions {
  readonly seed: number;
  /** Chance per occasion of each drawn fault that is on. */
  readonly chances: Readonly<Partial<Record<DrawnFault, number>>>;
  /** Faults that are suppressed, one by one: how a failure is shrunk. */
  readonly mask?: ReadonlySet<FaultId>;
}

/**
 * Decides what goes wrong. A draw belongs to a label and not to a sequence, so that suppressing one fault moves no
 * other. What struck is remembered by its id.
 */
export class Chaos {
  readonly #options: ChaosOptions;
  readonly #fired = new Map<FaultId, FaultKind>();
  /** How often each label was drawn again, by fault. */
  readonly #occasions = new Map<DrawnFault, Map<string, number>>();
  #on = true;

  constructor(options: ChaosOptions) {
    this.#options = options;
  }

  /** What struck so far, in order. */
  get fired(): ReadonlyMap<FaultId, FaultKind> {
    return this.#fired;
  }

  get isOn(): boolean {
    return this.#on;
  }

  /** From now on nothing is drawn any more. */
  heal(): void {
    this.#on = false;
  }

  /** Whether a drawn fault strikes here. The label names the occasion without counting calls of others. */
  strikes(kind: DrawnFault, label: string): boolean {
    const { seed, chances } = this.#options;
    const chance = chances[kind];
    if (chance === undefined || !this.#on) return false;
    return unitOfParts(seed, kind, ':', label) < chance && this.happens(kind, label);
  }

  /** Like `strikes`, for something that happens again and again under one label: each time is drawn anew. */
  strikesAgain(kind: DrawnFault, label: string): boolean {
    const { seed, chances } = this.#options;
    const chance = chances[kind];
    if (chance === undefined || !this.#on) return false;
    const occasion = this.#nextOccasion(kind, label);
    return (
      unitOfParts(seed, kind, ':', label, '#', occasion) < chance &&
      this.happens(kind, `${label}#${occasion}`)
    );
  }

  #nextOccasion(kind: DrawnFault, label: string): number {
    let occasions = this.#occasions.get(kind);
    if (occasions === undefined) {
      occasions = new Map();
      this.#occasions.set(kind, occasions);
    }
    const occasion = (occasions.get(label) ?? 0) + 1;
    occasions.set(label, occasion);
    return occasion;
  }

  /** Notes that a planned fault takes place, unless it is suppressed. */
  happens(kind: FaultKind, label: string): boolean {
    const id = `${kind}:${label}`;
    if (this.#options.mask?.has(id)) return false;
    this.#fired.set(id, kind);
    return true;
  }

  /** A planned fault found nobody to strike: it counts as one that did not take place. */
  cameToNothing(kind: FaultKind, label: string): void {
    this.#fired.delete(`${kind}:${label}`);
  }

  /** A number from 0 to 1 that belongs to a label, which may be given in parts. */
  unit(...label: readonly (string | number)[]): number {
    return unitOfParts(this.#options.seed, ...label);
  }
}
