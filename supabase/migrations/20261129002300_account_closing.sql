-- What a user does with their account: give it a name, take their data along, and close it.

-- What a user is called; an empty name is none.
create function private.name_user(of_user uuid, name text) returns void
language sql volatile security definer set search_path = '' as $$
  update public.profiles set display_name = nullif(trim(name), '') where id = of_user
$$;
grant execute on function private.name_user(uuid, text) to service_role;
