/** Tells the launcher why there is no chat for its page. It holds nothing of anybody, so any page may hear it. */

const { code, detail } = document.querySelector('meta[name="omnicqm-refused"]').dataset;
const [mark, origin] = window.name.split(" ");
if (mark === "omnicqm" && origin) parent.postMessage({ omnicqm: 1, type: "refused", code, detail }, origin);
