/**
 * Chance as relay knows it: a number from 0 to below 1, so that a simulation can hand in its own.
 */
import { randomBytes } from 'node:crypto'

/** Draws a number from 0 to below 1. */
export type Random = () => number

/** Bytes of chance in a number that {@link systemRandom} draws. */
const BYTES = 6

/** Numbers that nobody can foresee: what relay draws hides where a transaction comes from. */
export const systemRandom: Random = () => randomBytes(BYTES).readUIntBE(0, BYTES) / 2 ** (8 * BYTES)

/** A number from 0 on whose mean is `mean`, of the exponential distribution: how long ago the last one was says nothing. */
export function drawExponential(mean: number, random: Random): number {
  return -Math.log(1 - random()) * mean
}

/** A number from `least` to below `most`, all alike. */
export function drawBetween(least: number, most: number, random: Random): number {
  return least + random() * (most - least)
}

/** 64 random bits. */
export function drawUint64(random: Random): bigint {
  const draw = (): bigint => BigInt(Math.floor(random() * 2 ** 32))
  return (draw() << 32n) | draw()
}
