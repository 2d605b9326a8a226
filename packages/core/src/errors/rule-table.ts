/**
 * Tables of rules: each row is found by the code of its rule, and its sentence is made from what the rule was broken
 * with, so that a code and its data always fit together.
 *
 * Not for the rules themselves (`consensus/rules.ts`, `mempool/policy.ts`).
 */

/** What every row has. */
export interface RuleRow {
  /** What Bitcoin Core calls the rule in its reject reasons. */
  readonly reason: string
  // biome-ignore lint/suspicious/noExplicitAny: each row takes its own data, see `SentenceData`.
  readonly sentence: (data: any) => string
}

/** The data that the sentence of a row is made from. */
export type SentenceData<Row extends RuleRow> =
  Parameters<Row['sentence']> extends [infer Data] ? Data : Record<string, never>

/** A broken rule of a table: its code, and what it was broken with. */
export type BrokenRule<Table extends Readonly<Record<string, RuleRow>>> = {
  [Code in keyof Table]: readonly [code: Code, data: SentenceData<Table[Code]>]
}[keyof Table]
