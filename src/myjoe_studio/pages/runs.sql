-- What the pages of runs read.

-- name: runs
-- Runs, the newest first, each with how its pages are and its first picture.
select r.id, r.title, r.page_count, r.credits_half, r.created_at, r.project_id, p.counts, p.picture
from (select id, manifest ->> 'title' as title, page_count, credits_half, created_at, project_id from public.runs) as r
cross join lateral (
  select jsonb_build_object(
           'ready', count(*) filter (where q.picture_job_id is not null),
           'open', count(*) filter (where q.status in ('pending', 'in_progress')),
           'failed', count(*) filter (where q.status = 'failed' and q.picture_job_id is null),
           'cancelled', count(*) filter (where q.status = 'cancelled' and q.picture_job_id is null)) as counts,
         (array_agg(q.picture_job_id order by q.page) filter (where q.picture_job_id is not null))[1] as picture
  from public.run_pages q where q.run_id = r.id
) as p
where (%(before)s::timestamptz is null or r.created_at < %(before)s::timestamptz)
  and (%(project)s::uuid is null or r.project_id = %(project)s::uuid)
order by r.created_at desc limit 25

-- name: run
-- One run with its pages in their order, its project and its exports.
select r.id, r.title, r.book, r.page_count, r.credits_half, r.created_at, r.project_id, p.name as project,
  (select jsonb_agg(to_jsonb(q) - 'prompt' - 'files' - 'user_id' order by q.page) from public.run_pages q where q.run_id = r.id) as pages,
  (select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'kind', e.kind, 'page_count', e.page_count, 'bytes', e.bytes,
                                                'done', e.file is not null, 'ready', coalesce(e.ready, true),
                                                'created_at', e.created_at) order by e.created_at desc), '[]')
   from public.exports e where e.run_id = r.id) as exports
from (select id, manifest ->> 'title' as title, manifest -> 'book' as book, page_count, credits_half, created_at, project_id
      from public.runs) as r
left join public.projects p on p.id = r.project_id
where r.id = %(run)s

-- name: page
-- One page of a run by a job that drew it, or draws it.
select q.page, q.title, q.prompt, q.status, q.job_id, q.picture_job_id, q.locked, q.credits_half, g.files,
       g.provider, g.model, g.edited_at is not null as edited, r.title as run_title
from (select id, run_id, (payload ->> 'page')::integer as page from public.jobs where type = 'page') as j
join public.run_pages q on q.run_id = j.run_id and q.page = j.page
join (select id, manifest ->> 'title' as title from public.runs) as r on r.id = j.run_id
left join public.generations g on g.job_id = j.id
where j.run_id = %(run)s and j.id = %(job)s
