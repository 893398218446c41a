-- What the Studio's first page reads, in its user's name.

-- name: overview
-- All that a book can be made of, and what there is already.
select
  (select jsonb_agg(jsonb_build_object(
            'code', o.code, 'label', o.label, 'credits_half', o.credits_half, 'switched_off', o.switched_off,
            'plans', (select jsonb_agg(p.label order by p.price_micro_usd_month)
                      from public.plan_operations po join public.plans p on p.code = po.plan and p.on_sale where po.operation = o.code))
          order by o.credits_half)
   from (select code, label, credits_half, switched_off from public.operations where credits_half > 0) as o) as operations,
  (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) order by p.created_at, p.id), '[]')
   from public.projects p) as projects,
  (select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'title', d.title, 'description', d.request ->> 'description',
                                                'pages', d.request ->> 'pages', 'state', d.state) order by d.created_at desc), '[]')
   from (select * from (select id, title, request, state, created_at from public.drafts) as all_drafts
         where state <> 'submitted' order by created_at desc limit 6) as d) as drafts,
  (select count(*) from (select id from public.runs) as r) as runs
