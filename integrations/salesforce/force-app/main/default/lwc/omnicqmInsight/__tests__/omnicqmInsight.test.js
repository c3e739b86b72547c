import { createElement } from "lwc";
import OmnicqmInsight from "c/omnicqmInsight";
import readInsight from "@salesforce/apex/OmnicqmInsights.read";
import rateInsight from "@salesforce/apex/OmnicqmInsights.rate";

jest.mock("@salesforce/apex/OmnicqmInsights.read", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/OmnicqmInsights.rate", () => ({ default: jest.fn() }), { virtual: true });

const SLOW_AFTER_MS = 3000;
const GIVE_UP_AFTER_MS = 15000;
const CASE = "500000000000001AAA";
const CONTACT = "003000000000001AAA";
const INSIGHT = {
    state: "ready",
    requestId: "ins_1",
    summary: "Asked by phone about invoice 4711.\nNot settled yet.",
    dateRange: "2026-08-23 to 2026-11-21",
    modelUsed: "amazon.nova-2-lite",
    maxInteractions: 10,
    generatedAt: "2026-11-21T08:00:00Z"
};

let panel;

function open(recordId = CASE) {
    panel = createElement("c-omnicqm-insight", { is: OmnicqmInsight });
    panel.recordId = recordId;
    document.body.appendChild(panel);
}

const find = (id) => panel.shadowRoot.querySelector(`[data-id="${id}"]`);
const text = (id) => find(id)?.textContent.trim();
const settle = () => jest.advanceTimersByTimeAsync(0);

async function opened(insight = INSIGHT) {
    readInsight.mockResolvedValueOnce(insight);
    open();
    await settle();
}

async function press(id) {
    find(id).click();
    await settle();
}

/** A promise that is kept when the test says so. */
function pending() {
    const later = {};
    later.promise = new Promise((resolve, reject) => Object.assign(later, { resolve, reject }));
    return later;
}

beforeEach(() => {
    jest.useFakeTimers();
    readInsight.mockReset();
    rateInsight.mockReset();
});

afterEach(() => {
    panel?.remove();
    jest.useRealTimers();
});

describe("the summary", () => {
    it("is asked for by record and shown with what it rests on", async () => {
        await opened();
        expect(readInsight).toHaveBeenCalledWith({ recordId: CASE });
        expect(text("summary")).toBe(INSIGHT.summary);
        expect(text("basis")).toContain("the latest 10 interactions at most of 2026-08-23 to 2026-11-21");
        expect(text("basis")).toContain("Written by amazon.nova-2-lite.");
        expect(find("waiting")).toBeNull();
    });

    it("is text and never markup", async () => {
        await opened({ ...INSIGHT, summary: "<img src=x onerror=alert(1)>" });
        expect(text("summary")).toBe("<img src=x onerror=alert(1)>");
        expect(find("summary").querySelector("img")).toBeNull();
    });

    it("says honestly that there is none, and asks for no rating", async () => {
        const summary =
            "No interactions found for this account in the last 90 days.\nIncomplete: one source could not be read.";
        await opened({ state: "none", requestId: "ins_2", summary });
        expect(text("empty")).toBe(summary);
        expect(find("helpful")).toBeNull();
    });

    it("says what is missing when the record leads to no account", async () => {
        await opened({ state: "no_account" });
        expect(text("no-account")).toContain("no account number");
    });
});

describe("waiting", () => {
    it("is announced, and says after three seconds that it takes longer", async () => {
        readInsight.mockReturnValue(new Promise(() => {}));
        open();
        await settle();
        expect(panel.shadowRoot.querySelector("[aria-live]").getAttribute("aria-busy")).toBe("true");
        expect(text("waiting")).toContain("Reading what this customer");
        await jest.advanceTimersByTimeAsync(SLOW_AFTER_MS);
        expect(text("waiting")).toContain("longer than usual");
    });

    it("ends with a message when nothing comes at all", async () => {
        readInsight.mockReturnValue(new Promise(() => {}));
        open();
        await jest.advanceTimersByTimeAsync(GIVE_UP_AFTER_MS);
        expect(text("failure")).toContain("no answer in time");
        expect(find("waiting")).toBeNull();
    });

    it("shows no answer that belongs to another record", async () => {
        const first = pending();
        readInsight.mockReturnValueOnce(first.promise).mockResolvedValueOnce({ ...INSIGHT, summary: "The contact's." });
        open(CASE);
        panel.recordId = CONTACT;
        await settle();
        first.resolve({ ...INSIGHT, requestId: "ins_9", summary: "The case's." });
        await settle();
        expect(readInsight).toHaveBeenLastCalledWith({ recordId: CONTACT });
        expect(text("summary")).toBe("The contact's.");
    });

    it("leaves no timer behind when the page goes", async () => {
        readInsight.mockReturnValue(new Promise(() => {}));
        open();
        await settle();
        panel.remove();
        expect(jest.getTimerCount()).toBe(0);
    });
});

describe("failing", () => {
    it("tells what Apex says and lets one try again", async () => {
        readInsight.mockRejectedValueOnce({ body: { message: "OmniCQM does not answer." } });
        open();
        await settle();
        expect(text("failure")).toContain("OmniCQM does not answer.");
        expect(find("failure").getAttribute("role")).toBe("alert");
        readInsight.mockResolvedValueOnce(INSIGHT);
        await press("again");
        expect(find("failure")).toBeNull();
        expect(text("summary")).toBe(INSIGHT.summary);
    });

    it("keeps the earlier summary when a refresh fails", async () => {
        await opened();
        readInsight.mockRejectedValueOnce(new Error("network"));
        await press("refresh");
        expect(text("failure")).toContain("network");
        expect(text("summary")).toBe(INSIGHT.summary);
    });
});

describe("refreshing", () => {
    it("asks again, cannot be pressed twice meanwhile, and shows what is new", async () => {
        await opened();
        const second = pending();
        readInsight.mockReturnValueOnce(second.promise);
        await press("refresh");
        expect(find("refresh").disabled).toBe(true);
        expect(text("summary")).toBe(INSIGHT.summary);
        second.resolve({ ...INSIGHT, requestId: "ins_2", summary: "Settled this morning." });
        await settle();
        expect(text("summary")).toBe("Settled this morning.");
        expect(find("refresh").disabled).toBe(false);
    });

    it("asks for a rating of the new summary although the old one was rated", async () => {
        await opened();
        await press("helpful");
        readInsight.mockResolvedValueOnce({ ...INSIGHT, requestId: "ins_2" });
        await press("refresh");
        expect(find("thanks")).toBeNull();
        expect(find("helpful")).not.toBeNull();
    });
});

describe("rating", () => {
    it("sends one tap for helpful and says thank you", async () => {
        await opened();
        await press("helpful");
        expect(rateInsight).toHaveBeenCalledWith({ requestId: "ins_1", feedback: "helpful", reason: "" });
        expect(text("thanks")).toContain("Thank you");
        expect(find("helpful")).toBeNull();
    });

    it("asks why it was not helpful and sends the reason with one tap", async () => {
        await opened();
        await press("not-helpful");
        expect(rateInsight).not.toHaveBeenCalled();
        const reasons = [...panel.shadowRoot.querySelectorAll('[data-id="reason"]')];
        expect(reasons.map((reason) => reason.dataset.reason)).toEqual([
            "wrong",
            "incomplete",
            "outdated",
            "unclear",
            "too_long"
        ]);
        reasons[1].click();
        await settle();
        expect(rateInsight).toHaveBeenCalledWith({
            requestId: "ins_1",
            feedback: "not_helpful",
            reason: "incomplete"
        });
        expect(find("why")).toBeNull();
        expect(find("thanks")).not.toBeNull();
    });

    it("can be thought better of", async () => {
        await opened();
        await press("not-helpful");
        await press("cancel");
        expect(find("why")).toBeNull();
        expect(find("helpful")).not.toBeNull();
        expect(rateInsight).not.toHaveBeenCalled();
    });

    it("is sent once however often one taps", async () => {
        await opened();
        rateInsight.mockReturnValue(new Promise(() => {}));
        find("helpful").click();
        find("helpful").click();
        await settle();
        expect(rateInsight).toHaveBeenCalledTimes(1);
        expect(find("helpful").disabled).toBe(true);
    });

    it("says when it was not stored and can be sent again", async () => {
        await opened();
        rateInsight.mockRejectedValueOnce({ body: { message: "down" } });
        await press("helpful");
        expect(text("not-rated")).toContain("not stored");
        rateInsight.mockResolvedValueOnce();
        await press("helpful");
        expect(find("not-rated")).toBeNull();
        expect(find("thanks")).not.toBeNull();
    });

    it("names every button for those who cannot see the icons", async () => {
        await opened();
        const names = ["refresh", "helpful", "not-helpful"].map((id) => find(id).alternativeText);
        expect(names).toEqual(["Refresh the summary", "Helpful", "Not helpful"]);
        const group = panel.shadowRoot.querySelector('[role="group"]');
        expect(group.getAttribute("aria-labelledby")).toBeTruthy();
    });
});
