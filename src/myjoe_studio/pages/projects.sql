-- What the pages of projects read.

-- name: projects
-- All projects, the newest first, each with how many books it has and a picture.
select p.id, p.name, p.created_at, r.books,
  (select (array_agg(q.run_id || '/pages/' || q.picture_job_id order by q.page))[1]
   from public.run_pages q where q.run_id = r.latest and q.picture_job_id is not null) as picture
from public.projects p
cross join lateral (
  select count(*) as books, (array_agg(x.id order by x.created_at desc))[1] as latest
  from (select id, created_at, project_id from public.runs) as x where x.project_id = p.id
) as r
order by p.created_at desc, p.id limit 200

-- name: project
-- One project and its books, the newest first.
select p.id, p.name, (
  select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'title', r.title, 'page_count', r.page_count, 'created_at', r.created_at,
                                               'counts', q.counts, 'picture', q.picture) order by r.created_at desc), '[]')
  from (select id, project_id, manifest ->> 'title' as title, page_count, created_at from public.runs) as r
  cross join lateral (
    select jsonb_build_object('ready', count(*) filter (where g.picture_job_id is not null),
                              'open', count(*) filter (where g.status in ('pending', 'in_progress')),
                              'failed', count(*) filter (where g.status = 'failed' and g.picture_job_id is null),
                              'cancelled', count(*) filter (where g.status = 'cancelled' and g.picture_job_id is null)) as counts,
           (array_agg(g.picture_job_id order by g.page) filter (where g.picture_job_id is not null))[1] as picture
    from public.run_pages g where g.run_id = r.id
  ) as q
  where r.project_id = p.id
) as runs
from public.projects p where p.id = %(project)s
