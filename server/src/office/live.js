// Keeps the page's figures up to date: the server says that they moved, the page fetches itself and
// puts the new figures in place of the old. Without this script one reloads.
const region = document.querySelector("[data-live]");
if (region && "EventSource" in window) {
  const events = new EventSource("/live?area=" + encodeURIComponent(region.dataset.live));
  let fetching = false;
  let again = false;
  let opened = false;

  async function refresh() {
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    try {
      const answer = await fetch(location.href);
      if (answer.redirected) {
        location.reload();
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      if (answer.ok && fresh) replace(fresh);
    } catch {
      // No link for the moment; the stream comes back by itself, and with it the figures.
    } finally {
      fetching = false;
      if (again) {
        again = false;
        refresh();
      }
    }
  }

  // Whoever is in the middle of something stays there: the focus and what was unfolded are kept.
  function replace(fresh) {
    const focus = region.contains(document.activeElement) && document.activeElement.getAttribute("href");
    const open = [...region.querySelectorAll("details[open]")].map((d) => d.id);
    region.replaceChildren(...fresh.childNodes);
    for (const id of open) {
      const details = id && document.getElementById(id);
      if (details) details.open = true;
    }
    if (focus) region.querySelector('[href="' + CSS.escape(focus) + '"]')?.focus({ preventScroll: true });
  }

  events.addEventListener("moved", refresh);
  events.addEventListener("open", () => {
    document.documentElement.dataset.state = "live";
    if (opened) refresh();
    opened = true;
  });
  events.addEventListener("error", () => delete document.documentElement.dataset.state);
}
