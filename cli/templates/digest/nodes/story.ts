/** One story, as the Hacker News API answers for `/v0/item/<id>.json`. */
export interface Story {
  id: number;
  title: string;
  by: string;
  score: number;
  /** Missing when the story is a question to the readers. */
  url?: string;
}
