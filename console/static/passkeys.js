// Passkeys: asks the console what to ask the browser for, the browser for a passkey, and sends the form with it.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((item) => ({ ...item, id: bytes(item.id) }));

  async function asked(form) {
    const answer = await fetch(form.dataset.passkey, { method: "POST", headers: { "X-CSRFToken": form.elements.csrf_token.value } });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.error || "");
    return { ...said, challenge: bytes(said.challenge) };
  }

  async function made(form) {
    const said = await asked(form);
    const publicKey = { ...said, user: { ...said.user, id: bytes(said.user.id) }, excludeCredentials: named(said.excludeCredentials) };
    const { id, rawId, type, response } = await navigator.credentials.create({ publicKey });
    return { id, type, rawId: text(rawId), response: { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) } };
  }

  async function used(form) {
    const said = await asked(form);
    const { id, rawId, type, response } = await navigator.credentials.get({ publicKey: { ...said, allowCredentials: named(said.allowCredentials) } });
    return {
      id, type, rawId: text(rawId),
      response: {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        userHandle: response.userHandle ? text(response.userHandle) : null,
      },
    };
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-passkey]");
    if (!form) return;
    event.preventDefault();
    const trouble = form.querySelector("[data-passkey-trouble]");
    const button = form.querySelector("button");
    trouble.hidden = true;
    button.disabled = true;
    try {
      const credential = await (form.hasAttribute("data-passkey-new") ? made(form) : used(form));
      form.querySelector("[name$=credential]").value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      // Browsers say no more than that it was not allowed, whatever the reason is.
      const ours = error.constructor === Error && error.message;
      trouble.textContent = ours || (error.name === "InvalidStateError" ? trouble.dataset.known : trouble.dataset.otherwise);
      trouble.hidden = false;
      button.disabled = false;
    }
  });

  if (!window.PublicKeyCredential || !navigator.credentials) return;
  document.querySelectorAll("[data-passkey]").forEach((form) => { form.hidden = false; });
  document.querySelectorAll("[data-passkey-none]").forEach((sentence) => { sentence.hidden = true; });
})();
