/** What is typed and not saved yet, kept by the browser, so that it is there again when the page or the studio was ended. */

export interface Draft {
  text: string;
  /** What it was typed over: the mark of a file, or the words before. */
  over: string;
}

const name = (place: string[]) => `draft ${JSON.stringify(place)}`;

/** Keep a draft of a place; null where there is nothing unsaved any more. */
export function keepDraft(place: string[], draft: Draft | null): void {
  try {
    if (draft) localStorage.setItem(name(place), JSON.stringify(draft));
    else localStorage.removeItem(name(place));
  } catch { /* the browser keeps nothing for this page */ }
}

export function keptDraft(place: string[]): Draft | null {
  try {
    const found = JSON.parse(localStorage.getItem(name(place)) ?? "null") as Partial<Draft> | null;
    return typeof found?.text === "string" && typeof found.over === "string" ? { text: found.text, over: found.over } : null;
  } catch { return null; }
}
