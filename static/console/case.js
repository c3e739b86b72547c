// The case page. Everything that matters works without it; with it nothing typed gets lost, what happens meanwhile is
// shown where it happens, and the keyboard is enough.

import { editor } from "./case_editor.js";
import { held } from "./case_held.js";
import { keys } from "./case_keys.js";
import { menus } from "./case_menus.js";
import { news } from "./case_news.js";
import { parts } from "./case_parts.js";
import { thread } from "./case_thread.js";

const page = document.getElementById("case");

for (const one of document.querySelectorAll("[data-script]")) one.hidden = false;
menus();
thread(page);
editor(page);
parts(page);
held(page);
keys(page);
news(page);
