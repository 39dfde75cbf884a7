/**
 * Numbers that look random and are the same for the same seed on every machine. Streams of one seed
 * are independent by name, so that an alternative changes nothing but itself.
 */
export class Random {
  // Four fields and no array: this is called some ten million times.
  #a: number;
  #b: number;
  #c: number;
  #count: number;
  readonly #seed: number;

  constructor(seed: number, name = "") {
    this.#seed = seed;
    const mix = splitMix(hash(name) ^ Math.imul(seed, 0x9e3779b1));
    this.#a = mix();
    this.#b = mix();
    this.#c = mix();
    this.#count = mix();
    for (let count = 0; count < 12; count += 1) this.next();
  }

  stream(name: string): Random {
    return new Random(this.#seed, name);
  }

  /** 0 <= x < 1 (sfc32, Chris Doty-Humphrey). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** Knuth's product up to a mean of 30, the rounded normal above, where it is within a few per mille. */
  poisson(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const floor = Math.exp(-mean);
    let count = 0;
    for (let product = this.next(); product > floor; product *= this.next()) count += 1;
    return count;
  }

  /** Heavy-tailed between two bounds: most are near `low`, a few take nearly `high`. */
  pareto({ low, high, alpha }: BoundedPareto): number {
    const tail = 1 - this.next() * (1 - (low / high) ** alpha);
    return low / tail ** (1 / alpha);
  }
}

export interface BoundedPareto {
  readonly low: number;
  readonly high: number;
  /** The smaller, the heavier the tail; not 1. */
  readonly alpha: number;
}

export function paretoMean({ low, high, alpha }: BoundedPareto): number {
  const scale = low ** alpha / (1 - (low / high) ** alpha);
  return (scale * alpha * (low ** (1 - alpha) - high ** (1 - alpha))) / (alpha - 1);
}

function splitMix(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value;
}
