-- What the stream asks.

-- name: messages
-- What was told lately, in the order in which it was.
select m.id, m.topic, m.payload from realtime.messages m
where m.inserted_at > now()::timestamp - make_interval(secs => %(seconds)s) and m.event = 'jobs' and m.topic like 'user:%%'
order by m.inserted_at
