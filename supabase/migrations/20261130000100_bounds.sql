-- Bounds of what users may have kept for them: the fields of an order, what a project holds, and
-- how many projects there are.

-- The fields that an order of a page may have, what each is, and how long its text may be. The page
-- number is the governor's own. A field that a later version adds is a row here, in a file of its
-- own, before anybody sends it: a worker of today puts off an order whose fields it does not know.
create function private.order_fields() returns table (field text, kind text, length_max integer)
language sql immutable rows 11 set search_path = '' as $$
  values ('page', 'number', 12), ('operations', 'array', 400), ('prompt', 'string', 4000), ('title', 'string', 200),
         ('style', 'string', 1000), ('audience', 'string', 40), ('paper', 'string', 40), ('dpi', 'number', 12), ('margin_in', 'number', 24),
         ('seed', 'number', 12), ('options', 'object', 4000)
$$;

-- What is wrong with a page of an order; null if nothing is. What a worker reads is bounded here:
-- a number of five thousand digits and a list in a list in a list are read by PostgreSQL, and not
-- by everybody.
create function private.page_fault(page jsonb) returns text language sql immutable set search_path = '' as $$
  select case when f.field is null then format('there is no field %s in an order', left(given.key, 40))
              when jsonb_typeof(given.value) <> f.kind then format('%s is not a %s', f.field, f.kind)
              when length(given.value #>> '{}') > f.length_max
                then format('%s is longer than %s characters', f.field, f.length_max)
              else 'an option is longer than 200 characters, or holds others' end
  from jsonb_each(page) as given left join private.order_fields() f on f.field = given.key
  where f.field is null or jsonb_typeof(given.value) <> 'null' and (
    jsonb_typeof(given.value) <> f.kind or length(given.value #>> '{}') > f.length_max
    or f.kind = 'object' and exists (select from jsonb_each(given.value) as option
                                     where jsonb_typeof(option.value) in ('object', 'array') or length(option.value::text) > 200))
  order by given.key limit 1
$$;

-- A run's manifest as it is kept: its pages by the rule above, its other fields (a title, the book
-- that was asked for) short and shallow.
create function private.require_order() returns trigger language plpgsql set search_path = '' as $$
declare
  fault text := (
    select format('page %s: %s', number, private.page_fault(page))
    from jsonb_array_elements(new.manifest -> 'pages') with ordinality as given (page, number)
    where private.page_fault(page) is not null order by number limit 1
  );
begin
  fault := coalesce(fault, (
    select format('%s is longer than 20000 characters, or lies too deep', left(given.key, 40))
    from jsonb_each(new.manifest - 'pages') as given
    where length(given.key) > 40 or length(given.value::text) > 20000 or jsonb_path_exists(given.value, 'strict $.**{5}')
       or jsonb_path_exists(given.value, 'strict $.** ? (@.type() == "number" && @ > 1e15 || @.type() == "number" && @ < -1e15)')
    order by given.key limit 1
  ));
  if fault is not null then
    raise invalid_parameter_value using message = fault;
  end if;
  return new;
end $$;
create trigger bounded before insert on public.runs for each row execute function private.require_order();

-- Projects: what stands there already stays.
alter table public.projects add constraint projects_settings_bounded
  check (jsonb_typeof(settings) = 'object' and length(settings::text) <= 20000) not valid;

create function private.require_room_for_project() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  -- The most that a user may have. Nobody has more books at hand; more is a program that runs wild.
  projects_max constant integer := 1000;
begin
  -- One new project of a user at a time, or many at once would all be the last.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('myjoe: projects of ' || new.user_id, 0));
  if (select count(*) from (select from public.projects p where p.user_id = new.user_id limit projects_max) as counted) >= projects_max then
    raise check_violation using message = format('a user has %s projects at most', projects_max);
  end if;
  return new;
end $$;
create trigger bounded before insert on public.projects for each row execute function private.require_room_for_project();
