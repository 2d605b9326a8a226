/** How long tests wait for what must happen, on a machine that is busy. */

/** For `expect.poll`. */
export const patience: { readonly timeout: number; readonly interval: number } = {
  timeout: 15_000,
  interval: 20,
}
