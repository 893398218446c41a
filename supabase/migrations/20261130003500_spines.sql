-- A print may say what the printer's calculator or template says of its cover, in inches: "spine",
-- "0.245", and "cover_size", "13.9x10.42"; "" where it is to be computed after all.
create or replace function private.print_fault(wanted jsonb) returns text language sql immutable set search_path = '' as $$
  select case
    when wanted is null then null
    when jsonb_typeof(wanted) <> 'object' then 'a print is an object'
    else (
      select case when f.kind is null then format('a print has no %s', left(given.key, 40))
                  when jsonb_typeof(given.value) <> f.kind then format('%s of a print is not a %s', given.key, f.kind)
                  when length(given.value #>> '{}') > f.length_max
                    then format('%s of a print is longer than %s characters', given.key, f.length_max)
                  else format('%s of a print is none', given.key) end
      from jsonb_each(wanted) as given
      left join (values ('printer', 'string', 40, '^[a-z][a-z0-9-]*$'), ('shop', 'string', 40, '^[a-z][a-z0-9-]*$'),
                        ('trim', 'string', 20, '^[0-9]{1,2}([.][0-9]{1,4})?x[0-9]{1,2}([.][0-9]{1,4})?$'),
                        ('spine', 'string', 10, '^([0-9]([.][0-9]{1,4})?)?$'),
                        ('cover_size', 'string', 20, '^([0-9]{1,2}([.][0-9]{1,4})?x[0-9]{1,2}([.][0-9]{1,4})?)?$'),
                        ('bleed', 'boolean', 5, ''), ('single_sided', 'boolean', 5, ''), ('title', 'string', 200, '^[^\n\r]*$'),
                        ('author', 'string', 120, '^[^\n\r]*$')) as f (field, kind, length_max, pattern) on f.field = given.key
      where f.kind is null or jsonb_typeof(given.value) <> f.kind or length(given.value #>> '{}') > f.length_max
         or (given.value #>> '{}') !~ f.pattern
      order by given.key limit 1) end
$$;
