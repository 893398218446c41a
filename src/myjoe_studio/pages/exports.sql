-- What the pages of exports read.

-- name: export
-- One export: ready, being bound, or come to nothing.
select e.id, e.run_id, e.kind, e.page_count, e.bytes, e.file, r.title, r.paper, r.pages,
       case when e.file is not null then 'ready' when j.status in ('pending', 'in_progress') then 'binding' else 'failed' end as state
from public.exports e
join (select id, manifest ->> 'title' as title, manifest -> 'book' ->> 'paper' as paper, page_count as pages from public.runs) as r
  on r.id = e.run_id
left join (select id, status from public.jobs) as j on j.id = e.job_id
where e.id = %(export)s
