// The login: asks for a token when the server wants one, or leads to the OpenID provider. Who is in has a cookie that no
// script can read.
const byId = id => document.getElementById(id);

let waiting = null;

/** Shows the form and resolves when a token was accepted. */
export function login(message) {
  byId("login-problem").textContent = message || "";
  if (!byId("login").open) byId("login").showModal();
  byId("token").focus();
  if (!waiting) {
    waiting = {};
    waiting.promise = new Promise(resolve => { waiting.resolve = resolve; });
  }
  return waiting.promise;
}

byId("login").addEventListener("cancel", event => event.preventDefault());
byId("login-form").addEventListener("submit", async event => {
  event.preventDefault();
  const token = byId("token").value.trim();
  let problem = "";
  try {
    const response = await fetch("api/session", { method: "POST", headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) problem = (await response.json()).error;
  } catch { problem = "This cannot be a token, or the server does not answer."; }
  byId("token").value = "";
  byId("login-problem").textContent = problem;
  if (problem) { byId("token").focus(); return; }
  byId("login").close();
  const { resolve } = waiting;
  waiting = null;
  showSession();
  resolve();
});

/** Who is logged in, in the header; nothing while no token is required. */
export async function showSession() {
  const response = await fetch("api/session");
  const session = await response.json();
  byId("sign-on").hidden = !session.signOn;
  byId("logout").hidden = !session.required;
  if (session.required) {
    const where = session.namespaces.length ? `, namespaces ${session.namespaces.join(", ")}` : "";
    byId("logout").title = `Logged in as ${session.user || session.token}${where}`;
  }
}

// The provider's page comes back without the part of the address that says what is shown.
const SHOWN = "shown-before-sign-on";
byId("sign-on").addEventListener("click", () => sessionStorage.setItem(SHOWN, location.hash));
const shown = sessionStorage.getItem(SHOWN);
sessionStorage.removeItem(SHOWN);
if (shown && !location.hash) history.replaceState(null, "", shown);

byId("logout").addEventListener("click", async () => {
  await fetch("api/session", { method: "DELETE" });
  location.reload();
});
