/// <reference lib="dom" />
// Before the first paint, so that no page flashes in the wrong colours.
{
  let theme: string | null = null;
  try {
    theme = localStorage.getItem("pd.theme");
  } catch { /* Storage may be forbidden. */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
}
