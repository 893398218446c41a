-- A quote says what submit_run would say, an order's bounds included: who is told a price is not
-- refused for a text that was too long all along.

-- What is wrong with an order as it would be kept: its pages by private.page_fault, its other
-- fields (a title, the book that was asked for) short and shallow. Null if nothing is.
create function private.order_fault(manifest jsonb) returns text language sql immutable set search_path = '' as $$
  select coalesce(
    (select format('page %s: %s', number, private.page_fault(page))
     from jsonb_array_elements(manifest -> 'pages') with ordinality as given (page, number)
     where private.page_fault(page) is not null order by number limit 1),
    (select format('%s is longer than 20000 characters, or lies too deep', left(given.key, 40))
     from jsonb_each(manifest - 'pages') as given
     where length(given.key) > 40 or length(given.value::text) > 20000 or jsonb_path_exists(given.value, 'strict $.**{5}')
        or jsonb_path_exists(given.value, 'strict $.** ? (@.type() == "number" && @ > 1e15 || @.type() == "number" && @ < -1e15)')
     order by given.key limit 1))
$$;

create or replace function private.require_order() returns trigger language plpgsql set search_path = '' as $$
declare
  fault text := private.order_fault(new.manifest);
begin
  if fault is not null then
    raise invalid_parameter_value using message = fault;
  end if;
  return new;
end $$;

create or replace function private.quote_run(of_user uuid, in_project uuid, manifest jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  answer jsonb := private.decide_run(of_user, in_project, manifest);
  fault text;
begin
  -- As submit_run: what is refused is not looked at further.
  if (answer ->> 'accepted')::boolean then
    fault := private.order_fault(manifest);
    if fault is not null then
      raise invalid_parameter_value using message = fault;
    end if;
  end if;
  return answer;
end $$;
