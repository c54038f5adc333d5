import { useEffect } from "react";

/** The browser tab's title while a page is shown. */
export function useTitle(text: string): void {
  useEffect(() => {
    document.title = text ? `${text} · Headrace` : "Headrace";
    return () => void (document.title = "Headrace");
  }, [text]);
}
