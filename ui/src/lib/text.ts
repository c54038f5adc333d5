/** Characters that change the direction or hide what follows; shown as their code point, so that text cannot pose as another. */
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const ansi = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;

/** Text of others, made harmless to read: no terminal codes, no invisible or direction-changing characters. */
export function plain(text: string): string {
  return text.replace(ansi, "").replace(hidden, (char) => `\u27e8U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}\u27e9`);
}

/** The address if it may become a link: http(s) only, so no javascript: or data: can be clicked. */
export function safeUrl(text: string): string | null {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

export const plural = (n: number, noun: string, many = `${noun}s`): string => `${n.toLocaleString("en-US")} ${n === 1 ? noun : many}`;
