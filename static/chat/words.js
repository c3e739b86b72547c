/** What the page says of its own accord; everything else comes from the server. */
export const words = {
  you: "You",
  assistant: "AI assistant",
  consultant: "Consultant",
  mail: "E-mail",
  sources: "Sources",
  askForPerson: "I would like to talk to a person, please.",
  sending: "Sending…",
  waiting: "Will be sent when the connection is back.",
  tryAgain: "Try again",
  edit: "Edit",
  withdrawn: "I have taken back what I had begun to write.",
  connecting: "Connecting…",
  offline: "No connection. Trying again…",
  closed: "The chat was closed here. Load the page again to go on.",
  cookies: "Your browser does not keep our cookie, and the chat needs it. Please allow cookies for this site.",
};
