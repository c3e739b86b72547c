import { LightningElement, api } from "lwc";
import readInsight from "@salesforce/apex/OmnicqmInsights.read";
import rateInsight from "@salesforce/apex/OmnicqmInsights.rate";

const SLOW_AFTER_MS = 3000;
const GIVE_UP_AFTER_MS = 15000;

const WAITING = "Reading what this customer was in touch about…";
const STILL_WAITING = "This takes longer than usual. You can go on meanwhile.";
const NO_ANSWER = "There was no answer in time. Try again in a moment.";
const NOT_RATED = "Your rating was not stored. Try again.";

/** Why a summary was of no help: what is sent, and what is shown. */
const REASONS = [
    { value: "wrong", label: "Something is wrong" },
    { value: "incomplete", label: "Something is missing" },
    { value: "outdated", label: "It is out of date" },
    { value: "unclear", label: "Hard to understand" },
    { value: "too_long", label: "Too long" }
];

/**
 * The summary of a customer's recent interactions beside a case, contact or voice call.
 *
 * Apex looks up whose record it is and asks OmniCQM; this component shows what came of it, and takes the rating.
 */
export default class OmnicqmInsight extends LightningElement {
    insight;
    failure = "";
    notRated = "";
    isLoading = false;
    isSlow = false;
    isAskingWhy = false;
    isRating = false;
    rated = "";

    _recordId;
    _attempt = 0; // an answer to an earlier attempt is not shown
    _timers = [];

    /** Set by the record page, and set again when it goes on to another record. */
    @api
    get recordId() {
        return this._recordId;
    }

    set recordId(value) {
        if (value === this._recordId) {
            return;
        }
        this._recordId = value;
        this.insight = undefined;
        this.load();
    }

    disconnectedCallback() {
        this._attempt += 1;
        this.stopTimers();
    }

    renderedCallback() {
        if (this._focusNext) {
            const next = this.template.querySelector(this._focusNext);
            this._focusNext = "";
            next?.focus();
        }
    }

    get reasons() {
        return REASONS;
    }

    get busy() {
        return this.isLoading ? "true" : "false";
    }

    get waitingText() {
        return this.isSlow ? STILL_WAITING : WAITING;
    }

    get isReady() {
        return this.insight?.state === "ready";
    }

    get isEmpty() {
        return this.insight?.state === "none";
    }

    get isWithoutAccount() {
        return this.insight?.state === "no_account";
    }

    get canRate() {
        return this.isReady && !this.rated && !this.isAskingWhy;
    }

    get cannotRateNow() {
        return this.isRating || this.isLoading;
    }

    get isThanking() {
        return Boolean(this.rated);
    }

    /** What the summary rests on, as far as the API tells. */
    get basis() {
        const { dateRange, maxInteractions, modelUsed } = this.insight;
        const most = maxInteractions ? `the latest ${maxInteractions} interactions at most` : "the interactions";
        const period = dateRange ? ` of ${dateRange}` : "";
        const writer = modelUsed ? ` Written by ${modelUsed}.` : "";
        return `Based on ${most}${period}.${writer}`;
    }

    refresh() {
        this.load();
    }

    async load() {
        this._attempt += 1;
        const attempt = this._attempt;
        this.begin();
        try {
            const insight = await this.withinTime(readInsight({ recordId: this._recordId }));
            if (attempt === this._attempt) {
                this.show(insight);
            }
        } catch (error) {
            if (attempt === this._attempt) {
                this.failure = messageOf(error);
            }
        } finally {
            if (attempt === this._attempt) {
                this.isLoading = false;
                this.stopTimers();
            }
        }
    }

    begin() {
        this.stopTimers();
        this.failure = "";
        this.isLoading = true;
        this.isSlow = false;
        this._timers.push(
            // eslint-disable-next-line @lwc/lwc/no-async-operation
            setTimeout(() => {
                this.isSlow = true;
            }, SLOW_AFTER_MS)
        );
    }

    withinTime(answer) {
        const tooLate = new Promise((_, reject) => {
            // eslint-disable-next-line @lwc/lwc/no-async-operation
            this._timers.push(setTimeout(() => reject(new Error(NO_ANSWER)), GIVE_UP_AFTER_MS));
        });
        return Promise.race([answer, tooLate]);
    }

    show(insight) {
        const isAnother = insight.requestId !== this.insight?.requestId;
        this.insight = insight;
        if (isAnother) {
            this.rated = "";
            this.isAskingWhy = false;
            this.notRated = "";
        }
    }

    stopTimers() {
        this._timers.forEach((timer) => clearTimeout(timer));
        this._timers = [];
    }

    rateHelpful() {
        this.rate("helpful", "");
    }

    askWhy() {
        this.isAskingWhy = true;
        this._focusNext = '[data-id="reason"]';
    }

    stopAskingWhy() {
        this.isAskingWhy = false;
        this._focusNext = '[data-id="not-helpful"]';
    }

    rateNotHelpful(event) {
        this.rate("not_helpful", event.target.dataset.reason);
    }

    async rate(feedback, reason) {
        if (this.isRating) {
            return;
        }
        const { requestId } = this.insight;
        this.isRating = true;
        this.notRated = "";
        try {
            await rateInsight({ requestId, feedback, reason });
            if (this.insight?.requestId === requestId) {
                this.rated = feedback;
                this.isAskingWhy = false;
            }
        } catch {
            this.notRated = NOT_RATED;
        } finally {
            this.isRating = false;
        }
    }
}

function messageOf(error) {
    return error?.body?.message || error?.message || NO_ANSWER;
}
