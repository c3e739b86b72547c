"""The console's websocket, ``/ws/console``: what happens to escalations, who views which, how many wait.

    server -> {type: "ready", you, counts, viewing}     the first frame of every connection
              {type: "escalation", id, kind, …}         something happened to it; see `frames.escalation_frame`
              {type: "presence", escalation, people}    who views it now, and who of them is typing
              {type: "counts", overdue, due_soon, unassigned, mine, waiting}
              {type: "pong"} · {type: "error", code, detail}
    page   -> {type: "watch", escalation} · {type: "unwatch"} · {type: "typing"} · {type: "ping"}

All of it are hints. The database holds the truth, and a page reads it again whenever it has connected anew.
"""
