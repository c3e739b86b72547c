/* What a shop does with the widget: it says who is logged in, and listens. */
window.OmniCQM = window.OmniCQM || []; // what is pushed before the widget has loaded is done when it has

const byId = (id) => document.getElementById(id);
const note = (text) => {
  const line = document.createElement("li");
  line.textContent = text;
  byId("events").append(line);
};

window.OmniCQM.push((chat) => {
  for (const name of ["ready", "open", "close", "unread", "message", "identified", "loggedout", "unavailable", "error"]) {
    chat.on(name, (detail) => note(`${name} ${JSON.stringify(detail ?? {})}`));
  }
});

for (const button of document.querySelectorAll("[data-login]")) {
  button.addEventListener("click", async () => {
    const name = button.dataset.login;
    const answer = await fetch(`token?customer=${encodeURIComponent(name)}`);
    window.OmniCQM.push(["identify", (await answer.json()).token]);
    byId("who").textContent = `Logged in as ${name}`;
  });
}
byId("logout").addEventListener("click", () => {
  window.OmniCQM.push(["logout"]); // the next person at this computer finds nothing
  byId("who").textContent = "Not logged in";
});
byId("ask").addEventListener("click", () => window.OmniCQM.push(["open"]));
