"""What every sample service stands on, so that each of them holds its verb and nothing else.

`serving` runs an application until it is told to end, and then drains it; `health` tells ready from
alive; `intake` bounds what is let in; `calls` asks other services and gives up in time; `tracing`
passes the W3C trace context on.
"""
