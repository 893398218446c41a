-- What the pages of exports read.

-- name: taking
-- A run to be taken home: what its order says of its print, how its pages came to be, and what was
-- bound of it.
select r.id, r.title, r.paper, r.print, r.page_count,
  (select coalesce(jsonb_agg(jsonb_build_object('provider', g.provider, 'model', g.model, 'edited', g.edited_at is not null)
                             order by q.page), '[]')
   from public.run_pages q join public.generations g on g.job_id = q.picture_job_id where q.run_id = r.id) as drawn,
  (select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'kind', e.kind, 'wanted', e.wanted, 'page_count', e.page_count,
                                                'done', e.file is not null, 'ready', coalesce(e.ready, true),
                                                'created_at', e.created_at) order by e.created_at desc), '[]')
   from public.exports e where e.run_id = r.id) as exports
from (select id, manifest ->> 'title' as title, manifest #>> '{book,paper}' as paper, manifest #> '{book,print}' as print, page_count
      from public.runs) as r
where r.id = %(run)s

-- name: export
-- One export: ready, not ready for its printer, being bound, or come to nothing.
select e.id, e.run_id, e.kind, e.page_count, e.pages_done, e.bytes, e.file, e.files, e.wanted, e.report, r.title, r.pages,
       case when e.ready is false then 'refused' when e.file is not null then 'ready'
            when j.status in ('pending', 'in_progress') then 'binding' else 'failed' end as state,
  (select coalesce(jsonb_object_agg(q.page, jsonb_build_object(
            'title', q.title, 'job', q.picture_job_id, 'provider', g.provider, 'model', g.model, 'edited', g.edited_at is not null)), '{}')
   from public.run_pages q join public.generations g on g.job_id = q.picture_job_id where q.run_id = e.run_id) as drawn
from public.exports e
join (select id, manifest ->> 'title' as title, page_count as pages from public.runs) as r on r.id = e.run_id
left join (select id, status from public.jobs) as j on j.id = e.job_id
where e.id = %(export)s
