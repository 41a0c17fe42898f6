/** A share of 1, as it is told. */
export const percent = (share: number): string => `${Math.round(100 * share)} %`;
