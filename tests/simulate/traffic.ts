import type { Day } from "./day.ts";
import { type Figures, LAMBDA_MS, OPERATION_FIGURES } from "./measured.ts";
import type { Mix } from "./mix.ts";
import type { Random } from "./random.ts";

const DAY_S = 86_400;

/** A kind of short request: over within its second, so it is counted and not followed. */
interface Kind {
  readonly name: string;
  /** A day, of all tenants. */
  readonly perDay: number;
  readonly figures: Figures;
  /** Seconds of Lambda for all its calls together. */
  readonly seconds: number;
  /** Reads of the tenant's heads, all of which lie in one partition. */
  readonly headReads: number;
}

export interface Second {
  readonly rru: number;
  readonly wru: number;
  readonly s3Reads: number;
  readonly s3Writes: number;
  readonly calls: number;
  readonly lambdaSeconds: number;
  readonly headReads: number;
}

export const NO_TRAFFIC: Second = {
  rru: 0,
  wru: 0,
  s3Reads: 0,
  s3Writes: 0,
  calls: 0,
  lambdaSeconds: 0,
  headReads: 0,
};

/** The short requests of one second: how many is Poisson's, what each takes is measured. */
export class Traffic {
  readonly #kinds: readonly Kind[];
  readonly #random: Random;
  readonly #day: Day;

  constructor(mix: Mix, day: Day, random: Random) {
    this.#kinds = toKinds(mix);
    this.#day = day;
    this.#random = random;
  }

  in(second: number): Second {
    const rate = this.#day.at(second + 0.5) / DAY_S;
    return this.#kinds.reduce<Second>(
      (sum, kind) => plus(sum, kind, this.#random.poisson(kind.perDay * rate)),
      NO_TRAFFIC,
    );
  }
}

/** Requests of a kind that is not of the day but of what is held, so many in this second. */
export function plus(sum: Second, kind: Omit<Kind, "name" | "perDay">, count: number): Second {
  const { figures, seconds, headReads } = kind;
  return {
    rru: sum.rru + count * figures.rru,
    wru: sum.wru + count * figures.wru,
    s3Reads: sum.s3Reads + count * figures.s3Reads,
    s3Writes: sum.s3Writes + count * figures.s3Writes,
    calls: sum.calls + count * figures.calls,
    lambdaSeconds: sum.lambdaSeconds + count * seconds,
    headReads: sum.headReads + count * headReads,
  };
}

const CALL_S = LAMBDA_MS.call / 1000;
const COLD_S = LAMBDA_MS.coldStart / 1000;

function toKinds(mix: Mix): readonly Kind[] {
  const { tenants, quickCalls, plainShare, searchShare, coldShare } = mix;
  const reading = quickCalls * (1 - plainShare);
  const reads = (share: number, tool: "read_file" | "search_files"): Kind[] => [
    kind(`${tool}, again`, reading * share * (1 - coldShare)),
    kind(`${tool}, new process`, reading * share * coldShare),
  ];
  function kind(name: keyof typeof OPERATION_FIGURES, perTenant: number): Kind {
    const figures = OPERATION_FIGURES[name];
    const isPush = name.startsWith("push");
    const isCold = name.endsWith("new process");
    return {
      name,
      perDay: perTenant * tenants,
      figures,
      seconds: isPush ? LAMBDA_MS.push / 1000 : CALL_S + (isCold ? COLD_S : 0),
      headReads: /read_file|search_files|push/.test(name) ? 1 : 0,
    };
  }
  return [
    kind("whoami, modern", quickCalls * plainShare),
    ...reads(1 - searchShare, "read_file"),
    ...reads(searchShare, "search_files"),
    kind("legacy initialize", mix.sessions),
    kind("legacy notification", mix.sessions),
    kind("legacy tools/list", mix.sessions),
    kind("legacy tools/call whoami", mix.sessions * mix.sessionCalls),
    kind("legacy DELETE", mix.sessions),
    kind("push of new files", mix.pushes),
    kind("push again, files unchanged", mix.repeatedPushes),
  ];
}
