-- For a database of one's own, never for production: a user with a plan, credits and a project, to
-- try things on.
insert into auth.users (id, email) values ('00000000-0000-4000-8000-000000000001', 'joe@example.com') on conflict do nothing;
select private.put_subscription('00000000-0000-4000-8000-000000000001', 'sub_seed', 'cus_seed', 'max', 'active', now());
select private.add_credits('00000000-0000-4000-8000-000000000001', 'grant', 1600, 'grant:seed', 'a month of Max');
insert into public.projects (id, user_id, name)
values ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-000000000001', 'First book') on conflict do nothing;
