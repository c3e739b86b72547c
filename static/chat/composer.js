/** The field one writes in. Enter sends; what is not sent yet survives a reload. */

const DRAFT = "chat-draft";

export class Composer {
  #field;
  #onSend;

  constructor({ form, field, onSend }) {
    this.#field = field;
    this.#onSend = onSend;
    field.value = sessionStorage.getItem(DRAFT) ?? "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    field.addEventListener("input", () => this.#changed());
    this.#changed();
  }

  /** Put `text` into the field, before what may be there. */
  giveBack(text) {
    this.#field.value = [text, this.#field.value].filter(Boolean).join("\n");
    this.#changed();
    this.#field.focus();
  }

  #submit() {
    const text = this.#field.value.trim();
    this.#field.focus();
    if (!text) return;
    this.#field.value = "";
    this.#changed();
    this.#onSend(text);
  }

  #changed() {
    sessionStorage.setItem(DRAFT, this.#field.value);
    if (CSS.supports("field-sizing", "content")) return;
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
