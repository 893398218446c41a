-- Pages: a private bucket. Keys are <user>/<job>/<file>. The worker writes with the service key; users read their own.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('pages', 'pages', false, 52428800, array['image/png', 'image/svg+xml', 'image/tiff', 'application/pdf']);

create policy "Pages can be read by their owners" on storage.objects for select to authenticated
  using (bucket_id = 'pages' and (storage.foldername(name))[1] = (select auth.uid())::text);
