import { type Detector, scanWhole } from '../detect.ts';
import { type EntityName, isEntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { cutBy, Merge } from '../merge.ts';
import type { TextScan } from '../text-scan.ts';
import { Gate, setBit } from './floating/gate.ts';
import { FloatingScan, type Track } from './floating/scan.ts';
import type { CompiledIdentifier } from './identifier.ts';

/** What was made last for a detector. */
const lastMade = new WeakMap<Detector, { identifiers: readonly CompiledIdentifier[]; made: Detector }>();

/**
 * A detector that also finds the identifiers of policies. They have an automaton of their own, so that no pattern of
 * an admin makes that of the built-in rules larger. The same identifiers, of another revision of the configuration, give the
 * same detector: what it has learned stays.
 */
export function addIdentifiers(detector: Detector, identifiers: readonly CompiledIdentifier[]): Detector {
  if (identifiers.length === 0) return detector;
  const last = lastMade.get(detector);
  // What was compiled before is the same object.
  const isSame =
    last?.identifiers.length === identifiers.length &&
    last.identifiers.every((one, i) => one === identifiers[i]);
  if (last !== undefined && isSame) return last.made;
  const made = make(detector, identifiers);
  lastMade.set(detector, { identifiers, made });
  return made;
}

function make(detector: Detector, identifiers: readonly CompiledIdentifier[]): Detector {
  const entities: ReadonlySet<EntityName> = new Set([
    ...detector.entities,
    ...identifiers.flatMap((identifier) => identifier.entities),
  ]);
  const track = createTrack(identifiers);
  const open: Detector['open'] = (wanted, context) => {
    const custom = new FloatingScan(track(wanted), wanted, context);
    return new JoinedScan(detector.open(wanted, context), custom);
  };
  return { entities, open, scan: (text) => scanWhole(open(entities), text) };
}

/** A track of the identifiers that are looked for; whatever these are, they share one automaton. */
function createTrack(
  identifiers: readonly CompiledIdentifier[],
): (entities: ReadonlySet<EntityName>) => Track {
  const gate = new Gate(identifiers);
  return (entities) => {
    const active = new Int32Array(gate.words);
    identifiers.forEach((rule, index) => {
      if (rule.entities.some((entity) => entities.has(entity))) setBit(active, index);
    });
    return { gate, rules: identifiers, active };
  };
}

class JoinedScan implements TextScan {
  readonly #builtIn: TextScan;
  readonly #custom: FloatingScan;
  readonly #merge = new Merge(yieldToSurer);

  constructor(builtIn: TextScan, custom: FloatingScan) {
    this.#builtIn = builtIn;
    this.#custom = custom;
  }

  push(chunk: string): void {
    this.#builtIn.push(chunk);
    this.#custom.push(chunk);
    this.#settle();
  }

  end(): void {
    this.#builtIn.end();
    this.#custom.end();
    this.#settle();
  }

  take(): readonly Finding[] {
    return this.#merge.take();
  }

  get emittable(): number {
    return this.#merge.emittable;
  }

  get length(): number {
    return this.#builtIn.length;
  }

  #settle(): void {
    this.#merge.add(this.#builtIn.take());
    this.#merge.add(this.#custom.take());
    this.#merge.settle(Math.min(this.#builtIn.emittable, this.#custom.emittable));
  }
}

/**
 * Cuts what a policy's identifier has in common with a finding of the catalogue that is at least as sure: nothing that
 * an admin defines may take a social security number for something that is masked less, or that no condition counts.
 */
function yieldToSurer(findings: Finding[]): Finding[] {
  const builtIn = findings.filter(({ entity }) => isEntityName(entity));
  const custom = findings.filter(({ entity }) => !isEntityName(entity));
  if (builtIn.length === 0 || custom.length === 0) return findings;
  return [...builtIn, ...cutBy(builtIn, custom, (one, other) => one.score >= other.score)];
}
