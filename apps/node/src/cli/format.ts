/**
 * Times and sizes for people, in few characters.
 */
import { MEBIBYTE } from '../mebibyte.ts'

/** Seconds of each unit, and what stands behind their number. */
const units = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const

/** A time in seconds in its largest whole unit: `3 h`. */
export function formatSpan(seconds: number): string {
  const [length, unit] = units.find(([least]) => seconds >= least) ?? [1, 's']
  return `${Math.max(0, Math.floor(seconds / length))} ${unit}`
}

/** Characters of what {@link formatMinute} gives, in this millennium and some to come. */
export const MINUTE_LENGTH = 16

/** A Unix time in seconds as local date and time: `2026-11-20 14:05`. */
export function formatMinute(time: number): string {
  const date = new Date(time * 1_000)
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** A number of bytes as `12 B`, `3.4 KiB`, `5.6 MiB` or `7.8 GiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  if (bytes < MEBIBYTE) return `${(bytes / 1_024).toFixed(1)} KiB`
  return bytes < 1_024 * MEBIBYTE ? formatMebibytes(bytes) : `${(bytes / 1_024 / MEBIBYTE).toFixed(1)} GiB`
}

/** A number of bytes as `5.6 MiB`. */
export function formatMebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`
}
