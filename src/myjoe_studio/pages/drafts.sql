-- What the pages of a draft read.

-- name: draft
-- One draft, and whether somebody is planning it at present.
select d.id, d.state, d.request, d.failure, d.title, d.style, d.pages, d.revision, d.run_id, d.project_id,
       d.planning_until is not null as taken
from (select id, state, request, failure, title, style, pages, revision, run_id, project_id, planning_until from public.drafts) as d
where d.id = %(draft)s
