/** The field one writes in. Enter sends; what is not sent yet survives a reload. */

const DRAFT = "chat-draft";

export class Composer {
  #field;
  #onSend;
  #onEmpty;

  /** `onSend(text)` takes what is sent, `onEmpty()` hears that nothing of what was in the field is left. */
  constructor({ form, field, onSend, onEmpty = () => {} }) {
    this.#field = field;
    this.#onSend = onSend;
    this.#onEmpty = onEmpty;
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
    this.#fit();
  }

  /** Put `text` into the field, before what may be there. */
  giveBack(text) {
    this.#field.value = [text, this.#field.value].filter(Boolean).join("\n");
    this.#changed();
    this.focus();
  }

  /** Put `text` into the field, after what may be there; returns where it begins. */
  append(text) {
    const before = this.#field.value.trimEnd();
    const start = before ? before.length + 1 : 0;
    this.#field.value = before ? `${before} ${text}` : text;
    this.#changed();
    this.focus();
    return start;
  }

  /** Select what stands from `start` to `end`. */
  select(start, end) {
    this.#field.focus();
    this.#field.setSelectionRange(start, end);
  }

  get text() {
    return this.#field.value;
  }

  focus() {
    this.#field.focus();
    this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length);
  }

  #submit() {
    const text = this.#field.value.trim();
    this.#field.focus();
    if (!text) return;
    this.#onSend(text);
    this.#field.value = "";
    this.#changed();
  }

  #changed() {
    sessionStorage.setItem(DRAFT, this.#field.value);
    if (!this.#field.value.trim()) this.#onEmpty();
    this.#fit();
  }

  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
