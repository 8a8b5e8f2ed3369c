/** The names of a provider and its settings in error messages for people. */
export interface Provider {
  /** In the middle of a sentence: `Google`, `the model server`. */
  title: string;
  keySetting: string;
  urlSetting: string;
}
