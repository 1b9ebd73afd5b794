/** Short texts that say what is right. The model is fitted to them as well. */
export interface Lines {
  /** What is marked ⟦ENTITY:value⟧ is found, and nothing else. */
  readonly found: readonly string[];
  readonly nothing: readonly string[];
}
